import { expect, it } from "vitest";
import { NotFoundError } from "../../../sdk/src/index.js";
import { describeInMemory, rejection } from "../support/fakes.js";

const LIST = [
  { item: "50", score: 2.5, seen: true },
  { item: "172", score: 1.5 },
  { item: "181", score: 0.5 },
];

describeInMemory("recommend", (start) => {
  it("lists items in the order of the users, without items that they have seen", async () => {
    const { client, control } = await start();
    const model = control.addArtifact("model", { "embeddings.safetensors": "e" });
    control.addRecommendations(model.id, "7", LIST);
    expect(await client.recommend({ model, users: ["nobody", "7"] })).toEqual([
      { user: "nobody", items: [], known: false },
      {
        user: "7",
        items: [
          { item: "172", score: 1.5 },
          { item: "181", score: 0.5 },
        ],
        known: true,
      },
    ]);
    expect(await client.recommend({ model: model.id, users: ["7"], k: 1, includeSeen: true })).toEqual([
      { user: "7", items: [{ item: "50", score: 2.5 }], known: true },
    ]);
  });

  it("rejects unknown models", async () => {
    const { client } = await start();
    const error = await rejection(client.recommend({ model: "f".repeat(64), users: ["7"] }));
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toMatchObject({ reason: "ARTIFACT_UNKNOWN" });
  });

  it("is repeated after a lost connection, since it changes nothing", async () => {
    const { client, control } = await start();
    const model = control.addArtifact("model", { "embeddings.safetensors": "e" });
    control.inject({ method: "Recommend", error: { status: "unavailable" } });
    expect(await client.recommend({ model, users: [] })).toEqual([]);
  });
});

describeInMemory("similarItems", (start) => {
  it("lists the most similar items", async () => {
    const { client, control } = await start();
    const model = control.addArtifact("model", { "embeddings.safetensors": "e" });
    const items = [
      { item: "172", score: 0.75 },
      { item: "181", score: 0.5 },
    ];
    control.addSimilarItems(model.id, "50", items);
    expect(await client.similarItems({ model, item: "50" })).toEqual(items);
    expect(await client.similarItems({ model, item: "50", k: 1 })).toEqual(items.slice(0, 1));
  });

  it("rejects unknown items", async () => {
    const { client, control } = await start();
    const model = control.addArtifact("model", { "embeddings.safetensors": "e" });
    const error = await rejection(client.similarItems({ model, item: "51" }));
    expect(error).toMatchObject({ code: "not_found", reason: "ITEM_UNKNOWN" });
  });
});
