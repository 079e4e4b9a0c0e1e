// Signalbox with Anthropic's own library (npm install @anthropic-ai/sdk): only baseURL and the key are ours.
//
//   bin/signalbox serve --demo                  # in another terminal; prints a key
//   SIGNALBOX_KEY=sb-… node examples/anthropic-sdk.mjs "What is 12 * 7?"
import Anthropic from "@anthropic-ai/sdk";

const { SIGNALBOX_URL: baseURL = "http://127.0.0.1:4000", SIGNALBOX_KEY: apiKey, SIGNALBOX_MODEL: model = "demo-chat" } = process.env;
const question = process.argv[2] ?? "What is 12 * 7?";
if (!apiKey) {
  console.error("Set SIGNALBOX_KEY to a key of your gateway: the first start prints one, bin/signalbox keys create makes more.");
  process.exit(1);
}

const client = new Anthropic({ baseURL, apiKey });
const asked = { model, max_tokens: 1000, messages: [{ role: "user", content: question }] };

try {
  const names = [];
  for await (const { id } of client.models.list()) names.push(id);
  console.log("Models:", names.join(", "));

  const answer = await client.messages.create(asked);
  console.log("Answer:", answer.content.map((block) => (block.type === "text" ? block.text : "")).join(""));
  console.log("Tokens:", answer.usage.input_tokens + answer.usage.output_tokens);

  process.stdout.write("Streamed: ");
  const stream = client.messages.stream(asked);
  stream.on("text", (piece) => process.stdout.write(piece));
  await stream.done();
  console.log();
} catch (error) {
  if (!(error instanceof Anthropic.APIError)) throw error;
  // The library has already tried again where that could help.
  console.error(error.message, error.requestID ? `(request ${error.requestID})` : "");
  process.exit(1);
}
