/** `lghrec/protos`: the messages of the contract as protobuf-es generates them, for programs that use the wire format. */

export * from "./gen/lghrec/v1/artifact_pb.js";
export * from "./gen/lghrec/v1/backbone_pb.js";
export * from "./gen/lghrec/v1/compare_spec_pb.js";
export * from "./gen/lghrec/v1/dataset_pb.js";
export * from "./gen/lghrec/v1/device_pb.js";
export * from "./gen/lghrec/v1/error_pb.js";
export * from "./gen/lghrec/v1/evaluate_pb.js";
export * from "./gen/lghrec/v1/evaluate_spec_pb.js";
export * from "./gen/lghrec/v1/export_pb.js";
export * from "./gen/lghrec/v1/export_spec_pb.js";
export * from "./gen/lghrec/v1/policy_pb.js";
export * from "./gen/lghrec/v1/preprocess_pb.js";
export * from "./gen/lghrec/v1/preprocess_spec_pb.js";
export * from "./gen/lghrec/v1/recommend_pb.js";
export * from "./gen/lghrec/v1/report_spec_pb.js";
export * from "./gen/lghrec/v1/run_event_pb.js";
export * from "./gen/lghrec/v1/run_pb.js";
export * from "./gen/lghrec/v1/run_result_pb.js";
export * from "./gen/lghrec/v1/semantic_pb.js";
export * from "./gen/lghrec/v1/submit_pb.js";
export * from "./gen/lghrec/v1/system_pb.js";
export * from "./gen/lghrec/v1/train_pb.js";
export * from "./gen/lghrec/v1/train_spec_pb.js";
