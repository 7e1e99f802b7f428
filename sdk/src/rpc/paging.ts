/** Lists that the server returns in pages. */

/** The fields by which a list call selects a page. */
export interface PageRequest {
  readonly pageSize: number;
  readonly pageToken: string;
}

const PAGE_SIZE = 200;

/** Fetches page after page. `fetch` sends the list call for one page. */
export async function* pages<Page extends { readonly nextPageToken: string }>(
  fetch: (page: PageRequest) => Promise<Page>,
): AsyncGenerator<Page, void, void> {
  let pageToken = "";
  do {
    const page = await fetch({ pageSize: PAGE_SIZE, pageToken });
    yield page;
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
}
