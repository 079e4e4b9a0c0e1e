import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CERTIFICATE, KEY } from "../../src/upstream/http1/localhost.fixture.ts";
import { objectOf } from "../../src/vocabulary/json.ts";
import { startGateway } from "../harness/gateway.ts";

// Starts are slow on a busy machine; nothing here is measured.
setDefaultTimeout(60_000);

/** A provider whose certificate is signed by an authority of its own. */
let provider: Server;
const folder = mkdtempSync(join(tmpdir(), "signalbox-tls-"));
beforeAll(async () => {
  writeFileSync(join(folder, "ca.pem"), CERTIFICATE);
  provider = createServer({ cert: CERTIFICATE, key: KEY }, (request, response) => {
    const message = { role: "assistant", content: `over TLS: ${request.headers.authorization}` };
    request.resume().on("end", () => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ id: "x", object: "chat.completion", created: 1, model: "m", choices: [{ index: 0, message, finish_reason: "stop" }] }));
    });
  });
  await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  provider.closeAllConnections();
  provider.close();
  rmSync(folder, { recursive: true, force: true });
});

test.each<[string, Record<string, string>, number, string]>([
  ["that is trusted", { NODE_EXTRA_CA_CERTS: join(folder, "ca.pem") }, 200, "over TLS: Bearer sk-secure-key"],
  ["that nobody knows", {}, 502, "failed: DEPTH_ZERO_SELF_SIGNED_CERT."],
])("a provider whose certificate is of an authority %s", async (_name, environment, status, words) => {
  const gateway = await startGateway({
    environment,
    config: {
      providers: { up: { kind: "openai-compatible", base_url: `https://localhost:${(provider.address() as AddressInfo).port}/v1`, api_key: "sk-secure-key" } },
      models: { m: { deployments: [{ provider: "up", model: "m" }] } },
      routing: { attempts: 1 },
    },
  });
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.key}` },
    body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }] }),
  });
  expect(answer.status).toBe(status);
  expect(JSON.stringify(objectOf(await answer.json()))).toContain(words);
  await gateway.stop();
});
