// Signalbox with OpenAI's own library (npm install openai): only baseURL and the key are ours.
//
//   bin/signalbox serve --demo                  # in another terminal; prints a key
//   SIGNALBOX_KEY=sb-… node examples/openai-sdk.mjs "What is 12 * 7?"
import OpenAI from "openai";

const { SIGNALBOX_URL: url = "http://127.0.0.1:4000", SIGNALBOX_KEY: apiKey, SIGNALBOX_MODEL: model = "demo-chat" } = process.env;
const question = process.argv[2] ?? "What is 12 * 7?";
if (!apiKey) {
  console.error("Set SIGNALBOX_KEY to a key of your gateway: the first start prints one, bin/signalbox keys create makes more.");
  process.exit(1);
}

const client = new OpenAI({ baseURL: `${url}/v1`, apiKey });
const messages = [{ role: "user", content: question }];

try {
  const names = [];
  for await (const { id } of client.models.list()) names.push(id);
  console.log("Models:", names.join(", "));

  const answer = await client.chat.completions.create({ model, messages });
  console.log("Answer:", answer.choices[0].message.content);
  console.log("Tokens:", answer.usage.total_tokens);

  process.stdout.write("Streamed: ");
  const stream = client.chat.completions.stream({ model, messages });
  stream.on("content", (piece) => process.stdout.write(piece));
  await stream.done();
  console.log();
} catch (error) {
  if (!(error instanceof OpenAI.APIError)) throw error;
  // The library has already tried again where that could help.
  console.error(error.message, error.requestID ? `(request ${error.requestID})` : "");
  process.exit(1);
}
