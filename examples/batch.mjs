// A batch of requests with OpenAI's own library (npm install openai): a file of lines goes in, a file of answers comes out.
//
//   bin/signalbox serve --demo                  # in another terminal; prints a key
//   SIGNALBOX_KEY=sb-… node examples/batch.mjs "What is 12 * 7?"
import OpenAI, { toFile } from "openai";

const { SIGNALBOX_URL: url = "http://127.0.0.1:4000", SIGNALBOX_KEY: apiKey, SIGNALBOX_MODEL: model = "demo-chat" } = process.env;
const question = process.argv[2] ?? "What is 12 * 7?";
if (!apiKey) {
  console.error("Set SIGNALBOX_KEY to a key of your gateway: the first start prints one, bin/signalbox keys create makes more.");
  process.exit(1);
}

const client = new OpenAI({ baseURL: `${url}/v1`, apiKey });
const endpoint = "/v1/chat/completions";
const line = (custom_id, content) => ({ custom_id, method: "POST", url: endpoint, body: { model, messages: [{ role: "user", content }] } });
const lines = [line("question", question), line("greeting", "Say hello.")];

try {
  const text = lines.map((each) => `${JSON.stringify(each)}\n`).join("");
  const file = await client.files.create({ file: await toFile(Buffer.from(text), "lines.jsonl"), purpose: "batch" });
  let batch = await client.batches.create({ input_file_id: file.id, endpoint, completion_window: "24h", metadata: { for: "example" } });
  console.log("Batch:", batch.id, "of", lines.length, "lines for", model);

  // Most batches take hours; this one takes a moment.
  while (["validating", "in_progress", "finalizing"].includes(batch.status)) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    batch = await client.batches.retrieve(batch.id);
  }
  if (batch.status !== "completed") {
    console.error(`The batch ${batch.status}:`, JSON.stringify(batch.errors?.data));
    process.exit(1);
  }
  console.log("Answered:", batch.request_counts.completed, "of", batch.request_counts.total);

  // In the order of the file; the custom id says which is which.
  const answers = await (await client.files.content(batch.output_file_id)).text();
  for (const answer of answers
    .trimEnd()
    .split("\n")
    .map((each) => JSON.parse(each)))
    console.log(`${answer.custom_id}:`, answer.response.body.choices[0].message.content);
} catch (error) {
  if (!(error instanceof OpenAI.APIError)) throw error;
  console.error(error.message, error.requestID ? `(request ${error.requestID})` : "");
  process.exit(1);
}
