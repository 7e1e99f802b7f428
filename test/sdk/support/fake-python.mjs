// Stands in for a Python interpreter: answers the probe, and plays the server, as FAKE_* tell it to.
const { FAKE_VERSION = "3 11 4", FAKE_PACKAGE = "True", FAKE_SERVER = "ready", FAKE_SAYS = "" } = process.env;
const args = process.argv.slice(2);

if (args[0] === "-c") {
  console.log(`${FAKE_VERSION} ${FAKE_PACKAGE}`);
} else if (/^\d+$/.test(FAKE_SERVER)) {
  console.error(FAKE_SAYS);
  process.exitCode = Number(FAKE_SERVER);
} else {
  process.on("SIGTERM", () => {
    if (FAKE_SERVER !== "stubborn") process.exit(0);
  });
  console.error(`started with ${JSON.stringify(args)}`);
  if (FAKE_SERVER !== "slow") {
    console.log("not the line");
    console.log(JSON.stringify({ endpoint: "http://127.0.0.1:7311" }));
  }
  setInterval(() => {}, 60_000);
}
