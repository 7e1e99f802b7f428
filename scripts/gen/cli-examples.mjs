/** One example for each command of `lghrec`, for the reference of the command line. */
export const EXAMPLES = {
  "lghrec serve": "npx lghrec serve --data-dir ./lghrec-data --port 7300",
  "lghrec doctor": "npx lghrec doctor --wait 60s",
  "lghrec preprocess": "npx lghrec preprocess examples/specs/preprocess.yaml",
  "lghrec train":
    "npx lghrec train examples/specs/train.yaml --set dataset=<id> --set semanticIds=<id> --variant full",
  "lghrec evaluate":
    "npx lghrec evaluate examples/specs/evaluate.yaml --set model=<id> --require 'ndcg@20>=0.2'",
  "lghrec export": "npx lghrec export --run <id of a train run> --format safetensors",
  "lghrec schema": "npx lghrec schema train",
  "lghrec compare": "npx lghrec compare <run> <run> --metrics recall@20,ndcg@20 --markdown",
  "lghrec ablation":
    "npx lghrec ablation examples/specs/ablation.yaml --set dataset=<id> --set semanticIds=<id> --variants base,random,full --seeds 3",
  "lghrec report": "npx lghrec report <train run> <train run> --out report",
  "lghrec recommend": "npx lghrec recommend <model or train run> 196 186 --k 5",
  "lghrec similar": "npx lghrec similar <model or train run> 50 --k 5",
  "lghrec runs list": "npx lghrec runs list --kind train --state succeeded --limit 10",
  "lghrec runs get": "npx lghrec runs get <id>",
  "lghrec attach": "npx lghrec attach <id> --timeout 10m",
  "lghrec cancel": "npx lghrec cancel <id> --reason 'wrong data set'",
  "lghrec download": "npx lghrec download <id of a run or an artifact> ./files",
  "lghrec datasets upload": "npx lghrec datasets upload ./my-clicks --name clicks",
  "lghrec datasets list": "npx lghrec datasets list",
  "lghrec datasets get": "npx lghrec datasets get <id>",
  "lghrec datasets delete": "npx lghrec datasets delete <id>",
  "lghrec items show": "npx lghrec items show <id of the semantic ids> 50",
  "lghrec providers": "npx lghrec providers",
};
