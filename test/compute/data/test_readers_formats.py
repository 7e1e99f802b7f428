from __future__ import annotations

import json
from pathlib import Path

import pytest
from reading import read

from lghrec_compute.data.readers.movielens import GENRES
from lghrec_compute.errors import DataError


def json_lines(*rows: dict) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_adjacency_lists_are_a_given_split_with_names_of_items(tmp_path: Path) -> None:
    contents = {
        "train.txt": "0 5 7\n1\n2 5 \n",
        "test.txt": "0 6\n",
        "item_list.txt": "org_id remap_id entity_name\n"
        "b1 5 http://dbpedia.org/resource/Snow_Crash\nb2 6 http://dbpedia.org/resource/Caf%C3%A9\nb3 7\n",
    }
    got = read(tmp_path, "adjacency", contents)
    assert got.rows == [("0", "5", 0), ("0", "7", 0), ("2", "5", 0), ("0", "6", 2)]
    assert got.raw.num_rows_read == 4
    assert got.raw.text_fields == ("entity_name",)
    assert got.texts == {"5": ("Snow Crash",), "6": ("Café",), "7": ("",)}
    assert got.warnings == {"texts_empty": "item_list.txt: 1 of 3 items have no text"}


AMAZON = {
    2014: (
        "reviews_Tools_5.json",
        json_lines(
            {
                "reviewerID": "A1",
                "asin": "B1",
                "overall": 5.0,
                "unixReviewTime": 1393545600,
                "reviewText": "!",
            }
        )
        # the complete files of 2014 are Python mappings
        + "{'reviewerID': 'A2', 'asin': 'B1', 'overall': 2.0, 'unixReviewTime': 1393545601}\n",
        "meta_Tools.json",
        "{'asin': 'B1', 'title': 'Saw \\'n\\' hammer', 'description': \"it's \\u00e9\", "
        "'price': 9.9, 'brand': None, 'categories': [['Tools', 'Saws'], ['Tools', 'Hand']]}\n"
        "{'asin': 'B9', 'title': 'not reviewed'}\n",
        ("title", "description", "categories", "brand"),
        ("Saw 'n' hammer", "it's é", "Tools, Saws, Hand", ""),
    ),
    2018: (
        "Tools_5.json",
        json_lines(
            {"reviewerID": "A1", "asin": "B1", "overall": 5.0, "unixReviewTime": 1393545600, "vote": "3"},
            {"reviewerID": "A2", "asin": "B1", "overall": 2.0, "unixReviewTime": 1393545601},
        ),
        "meta_Tools.json",
        json_lines(
            {
                "asin": "B1",
                "title": "Saw",
                "description": ["One.", "Two."],
                "feature": ["sharp"],
                "category": ["Tools", "Saws"],
                "brand": "Acme",
            }
        ),
        ("title", "description", "feature", "category", "brand"),
        ("Saw", "One. Two.", "sharp", "Tools, Saws", "Acme"),
    ),
    2023: (
        "Tools.jsonl",
        json_lines(
            {"user_id": "A1", "asin": "B1v", "parent_asin": "B1", "rating": 5.0, "timestamp": 1393545600000},
            {"user_id": "A2", "asin": "B1", "rating": 2.0, "timestamp": 1393545601000},
        ),
        "meta_Tools.jsonl",
        json_lines(
            {
                "parent_asin": "B1",
                "title": "Saw",
                "features": ["sharp", "long"],
                "description": [],
                "categories": ["Tools"],
                "store": "Acme",
                "details": {"Brand": "Acme"},
            }
        ),
        ("title", "description", "features", "categories", "store"),
        ("Saw", "", "sharp long", "Tools", "Acme"),
    ),
}


@pytest.mark.parametrize("year", AMAZON)
def test_amazon_reads_the_schema_of_each_year(tmp_path: Path, year: int) -> None:
    reviews_name, reviews, meta_name, meta, fields, texts = AMAZON[year]
    got = read(tmp_path, "amazon", {reviews_name: reviews, meta_name: meta})
    assert got.rows == [("A1", "B1", 5.0, 1393545600.0), ("A2", "B1", 2.0, 1393545601.0)]
    assert got.raw.text_fields == fields
    assert got.texts == {"B1": texts}
    assert got.events == []


def test_amazon_selects_the_metadata_of_the_same_category(tmp_path: Path) -> None:
    review = json_lines({"reviewerID": "A", "asin": "B", "overall": 1, "unixReviewTime": 0})
    metas = {f"meta_{name}.json": json_lines({"asin": "B", "title": name}) for name in ("Tools", "Toys")}
    contents = {"reviews_Toys_5.json": review, **metas}
    got = read(tmp_path, "amazon", contents, path="source/reviews_Toys_5.json")
    assert got.texts == {"B": ("Toys",)}
    with pytest.raises(DataError, match=r"one file of items, got meta_Tools.json, meta_Toys.json"):
        read(tmp_path, "amazon")


def test_yelp_reads_reviews_and_businesses(tmp_path: Path) -> None:
    review = {
        "review_id": "r",
        "user_id": "u",
        "business_id": "b",
        "stars": 4.0,
        "date": "2018-07-07 22:09:11",
    }
    business = {
        "business_id": "b",
        "name": "Café",
        "city": "Reno",
        "state": "NV",
        "categories": "Coffee, Tea",
        "attributes": {
            "WiFi": "u'free'",
            "OutdoorSeating": "True",
            "BikeParking": "False",
            "Ambience": "{'casual': True, 'romantic': False}",
            "Alcohol": "u'none'",
        },
    }
    contents = {
        "yelp_academic_dataset_review.json": json_lines(review),
        "yelp_academic_dataset_business.json": json_lines(business, {"business_id": "other", "name": "x"}),
    }
    got = read(tmp_path, "yelp", contents)
    # date -ud "2018-07-07 22:09:11" +%s is 1531001351
    assert got.rows == [("u", "b", 4.0, 1531001351.0)]
    assert got.raw.text_fields == ("name", "city", "state", "categories", "attributes")
    attributes = "Wi Fi: free, Outdoor Seating, Ambience: casual"
    assert got.texts == {"b": ("Café", "Reno", "NV", "Coffee, Tea", attributes)}


def test_mind_reads_history_and_clicks(tmp_path: Path) -> None:
    behaviors = (
        "1\tU1\t11/11/2019 9:05:58 AM\tN1 N2\tN3-1 N4-0\n"
        "2\tU1\t11/11/2019 1:00:00 PM\tN1 N2\tN1-1\n"
        "3\tU2\t11/11/2019 9:05:58 AM\t\tN3-0 N4-1\n"
    )
    news = "N1\tsports\tgolf\tPin\tA long putt\turl\t[]\t[]\nN3\tnews\tworld\tVote\t\turl\t[]\t[]\n"
    got = read(tmp_path, "mind", {"behaviors.tsv": behaviors, "news.tsv": news})
    # date -ud "2019-11-11 09:05:58" +%s is 1573463158; 13:00:00 is 1573477200
    assert got.rows == [
        ("U1", "N1", None),
        ("U1", "N2", None),
        ("U1", "N3", 1573463158.0),
        ("U1", "N1", 1573477200.0),
        ("U2", "N4", 1573463158.0),
    ]
    assert got.raw.text_fields == ("category", "subcategory", "title", "abstract")
    assert got.texts["N1"] == ("sports", "golf", "Pin", "A long putt")
    assert got.events == []


def test_movielens_100k_is_latin_1_with_flags_of_genres(tmp_path: Path) -> None:
    flags = ["1" if genre in ("Drama", "War") else "0" for genre in GENRES]
    item = "|".join(["7", "Les Misérables (1995)", "01-Jan-1995", "", "http://x", *flags]) + "\n"
    got = read(tmp_path, "movielens", {"u.data": "1\t7\t5\t881250949\n", "u.item": item.encode("latin-1")})
    assert got.rows == [("1", "7", 5.0, 881250949.0)]
    assert got.raw.text_fields == ("title", "release_date", "genres")
    assert got.texts == {"7": ("Les Misérables (1995)", "01-Jan-1995", "Drama, War")}


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_movielens_1m_has_double_colons(tmp_path: Path, encoding: str) -> None:
    movies = "7::Misérables, Les: a film (1995)::Drama|War\n".encode(encoding)
    got = read(tmp_path, "movielens", {"ratings.dat": "1::7::5::978300760\n", "movies.dat": movies})
    assert got.rows == [("1", "7", 5.0, 978300760.0)]
    assert got.texts == {"7": ("Misérables, Les: a film (1995)", "Drama, War")}


def test_movielens_20m_is_quoted_csv(tmp_path: Path) -> None:
    contents = {
        "ml-20m/ratings.csv": "userId,movieId,rating,timestamp\n1,7,3.5,1112486027\n",
        "ml-20m/movies.csv": 'movieId,title,genres\n7,"Misérables, Les (1995)",Drama|War\n',
        "ml-20m/tags.csv": "userId,movieId,tag,timestamp\n",
    }
    got = read(tmp_path, "movielens", contents)
    assert got.rows == [("1", "7", 3.5, 1112486027.0)]
    assert got.texts == {"7": ("Misérables, Les (1995)", "Drama, War")}


def test_json_maps_keep_the_order_as_times(tmp_path: Path) -> None:
    contents = {
        "interactions.json": json.dumps({"u1": [3, 1], "u2": ["1"]}),
        "items.json": json.dumps({"1": {"title": "A", "brand": ""}, "3": {"title": "B", "brand": "X"}}),
    }
    got = read(tmp_path, "json_maps", contents)
    assert got.rows == [("u1", "3", 0.0), ("u1", "1", 1.0), ("u2", "1", 0.0)]
    assert got.texts == {"1": ("A", ""), "3": ("B", "X")}
    with pytest.raises(DataError, match="is not a JSON map"):
        read(tmp_path, "json_maps", {"interactions.json": "[1]"})
    with pytest.raises(DataError, match="is not a JSON document"):
        read(tmp_path, "json_maps", {"interactions.json": "{"})


def test_a_folder_without_the_formats_names_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"exactly one file of interactions \(\*review.json\), got none"):
        read(tmp_path, "yelp", {"a.txt": ""})
