// Signalbox from JavaScript without a library: list the models, ask, ask again and watch the answer come.
//
//   bin/signalbox serve --demo                  # in another terminal; prints a key
//   SIGNALBOX_KEY=sb-… node examples/javascript-fetch.mjs "What is 12 * 7?"

const { SIGNALBOX_URL: url = "http://127.0.0.1:4000", SIGNALBOX_KEY: key, SIGNALBOX_MODEL: model = "demo-chat" } = process.env;
const question = process.argv[2] ?? "What is 12 * 7?";
if (!key) stop("Set SIGNALBOX_KEY to a key of your gateway: the first start prints one, bin/signalbox keys create makes more.");

/** Ends the program with a sentence. */
function stop(sentence) {
  console.error(sentence);
  process.exit(1);
}

/** Calls the gateway; a refusal ends the program in the gateway's own words. */
async function call(path, body) {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const response = await fetch(url + path, { headers, ...(body && { method: "POST", body: JSON.stringify(body) }) });
  if (!response.ok) stop(`${response.status}: ${(await response.json()).error.message}`);
  return response;
}

/** The chunks of a stream. Lines that do not begin with `data:` only keep the connection alive. */
async function* chunks(response) {
  let rest = "";
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith("data: ") || line === "data: [DONE]") continue;
      const chunk = JSON.parse(line.slice("data: ".length));
      if (chunk.error) stop(chunk.error.message);
      yield chunk;
    }
  }
}

const models = await (await call("/v1/models")).json();
console.log("Models:", models.data.map(({ id }) => id).join(", "));

const messages = [{ role: "user", content: question }];
const answer = await (await call("/v1/chat/completions", { model, messages })).json();
console.log("Answer:", answer.choices[0].message.content);
console.log("Tokens:", answer.usage.total_tokens);

process.stdout.write("Streamed: ");
for await (const chunk of chunks(await call("/v1/chat/completions", { model, messages, stream: true }))) {
  process.stdout.write(chunk.choices[0]?.delta.content ?? "");
}
console.log();
