/** How semantic ids are made from item texts, as users write it. */

/** Text source, encoder and transform of semantic ids. */
export interface SemanticSpec {
  /**
   * `extractive` quotes the item's own text without a language model, `raw_text` takes it as it is, `llamacpp` and
   * `openai` have a language model write reasoning; server default. See `client.semanticIds.providers()`.
   */
  textSource?: "extractive" | "raw_text" | "llamacpp" | "openai" | undefined;
  /** Of `llamacpp` and `openai`. */
  generation?: GenerationSpec | undefined;
  /** `minilm` has 384 dimensions and works offline; server default. */
  encoder?: "minilm" | "local" | undefined;
  /** Folder of a model on the server under an import root, for the encoder `local` and only then. */
  encoderPath?: string | undefined;
  /** How vectors of tokens become one; server default. */
  pooling?: "mean" | "cls" | "pooler" | "mean_no_cls" | undefined;
  /** Of a long text: `truncate` cuts it, `stride` takes the mean of overlapping windows; server default. */
  windowing?: "truncate" | "stride" | undefined;
  /** Tokens of a text, or of a window of it, that the encoder reads, 8 to 8192; server default. */
  maxTokens?: number | undefined;
  /** Server default. */
  transform?: "none" | "center" | "whiten" | "pca" | undefined;
  /** Dimensions kept by `whiten` and `pca`, 1 to 4096; left out keeps all. */
  dim?: number | undefined;
  /** Item fields that make the description, in order; left out takes every text field there is. */
  fields?: readonly string[] | undefined;
}

/** How a language model writes the reasoning text. */
export interface GenerationSpec {
  /** Name of an endpoint in the server's configuration; for `openai` and only then. */
  endpoint?: string | undefined;
  /** Left out takes the endpoint's or the package's own. */
  model?: string | undefined;
  /** `fig4@1` is the paper's Fig. 4, `fig4-two-shot@1` shows two examples first; server default. */
  prompt?: "fig4@1" | "fig4-two-shot@1" | undefined;
  /** 0 to 2; server default. */
  temperature?: number | undefined;
  /** In (0, 1]; server default. */
  topP?: number | undefined;
  /** Tokens of an answer, 512 to 8192; server default. */
  maxOutputTokens?: number | undefined;
  /** 0 to 2^32 - 1; server default. */
  seed?: number | undefined;
  /** Requests at a time, 1 to 1024; server default. */
  maxInFlight?: number | undefined;
  /** At least 1; left out has no limit. */
  requestsPerMinute?: number | undefined;
  /** At least 1; left out has no limit. */
  inputTokensPerMinute?: number | undefined;
  /** At least 1; left out has no limit. */
  outputTokensPerMinute?: number | undefined;
  /** No new request is sent once this many tokens are billed, at least 1; left out has no limit. */
  budgetTokens?: number | undefined;
  /** Tries for a text before its item falls back to its own words; server default. */
  maxAttempts?: number | undefined;
  /** Limit of one request, in seconds; server default. */
  timeoutSeconds?: number | undefined;
  /** Items of a preview, 1 to 1000; server default. */
  previewItems?: number | undefined;
  /** For a million tokens, in your own currency; for the estimate. */
  inputPrice?: number | undefined;
  /** For a million tokens, in your own currency; for the estimate. */
  outputPrice?: number | undefined;
}
