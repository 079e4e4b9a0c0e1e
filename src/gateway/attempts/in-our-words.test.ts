import { expect, test } from "bun:test";
import type { Target } from "../../vocabulary/deployment.ts";
import { Failure, type FailureKind } from "../../vocabulary/failure.ts";
import { testDeployment, testService } from "../../vocabulary/model.fixture.ts";
import { inOurWords } from "./in-our-words.ts";

const deployment = testDeployment("ours/gpt", { service: testService("ours", { baseUrl: "http://10.0.0.5:8000/v1" }) });
const TARGET = { deployment } as Target;

test.each<[FailureKind, said: string, kind: FailureKind, told: string]>([
  ["upstream-error", "it broke.", "upstream-error", "ours/gpt: it broke."],
  ["upstream-error", "ours/gpt fell silent.", "upstream-error", "ours/gpt fell silent."],
  [
    "upstream-unreachable",
    "The connection to http://10.0.0.5:8000 failed: ECONNREFUSED.",
    "upstream-unreachable",
    "The connection to ours/gpt failed: ECONNREFUSED.",
  ],
  [
    "upstream-credentials",
    "Key 1234 is blocked.",
    "upstream-credentials",
    "The provider ours refused the gateway's own credentials or account. Its operator has to check the key.",
  ],
  ["quota-exhausted", "Pay first.", "upstream-credentials", "The provider ours says that the gateway's account there is out of credit."],
  ["invalid-request", "n must be 1.", "invalid-request", "n must be 1."],
])("%s: %s", (kind, said, toldKind, told) => {
  const failure = inOurWords(new Failure(kind, said), { target: TARGET, baseUrl: TARGET.deployment.service.baseUrl });
  expect([failure.kind, failure.message]).toEqual([toldKind, told]);
});
