/** `lghrec/grpc`: messages, stubs and server interfaces that ts-proto generates for the peer dependency `@grpc/grpc-js`. */

export * from "./gen/lghrec/v1/artifact.js";
export * from "./gen/lghrec/v1/backbone.js";
export * from "./gen/lghrec/v1/compare_spec.js";
export * from "./gen/lghrec/v1/dataset.js";
export * from "./gen/lghrec/v1/device.js";
export * from "./gen/lghrec/v1/error.js";
export * from "./gen/lghrec/v1/evaluate.js";
export * from "./gen/lghrec/v1/evaluate_spec.js";
export * from "./gen/lghrec/v1/export.js";
export * from "./gen/lghrec/v1/export_spec.js";
export * from "./gen/lghrec/v1/policy.js";
export * from "./gen/lghrec/v1/preprocess.js";
export * from "./gen/lghrec/v1/preprocess_spec.js";
export * from "./gen/lghrec/v1/recommend.js";
export * from "./gen/lghrec/v1/report_spec.js";
export * from "./gen/lghrec/v1/run.js";
export * from "./gen/lghrec/v1/run_event.js";
export * from "./gen/lghrec/v1/run_result.js";
export * from "./gen/lghrec/v1/semantic.js";
export * from "./gen/lghrec/v1/submit.js";
export * from "./gen/lghrec/v1/system.js";
export * from "./gen/lghrec/v1/train.js";
export * from "./gen/lghrec/v1/train_spec.js";
