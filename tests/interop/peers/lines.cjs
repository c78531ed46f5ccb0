"use strict";
// Commands come in on standard input and events go out on standard output, one JSON document a line.

const readline = require("node:readline");

/** Tells the test what happened. */
function tell(event, details) {
  process.stdout.write(JSON.stringify({ event, ...details }) + "\n");
}

/** Carries out the commands one after the other, each by the handler of its name; at the end of input, `end`. */
async function serve(handlers, end) {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const command = JSON.parse(line);
    await handlers[command.do](command);
  }
  await end();
}

module.exports = { serve, tell };
