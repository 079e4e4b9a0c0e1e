import { openaiChatInbound } from "../dialects/openai-chat/inbound.ts";
import { boundOf } from "../ledger/pricing/bound.ts";
import { costOf } from "../ledger/pricing/cost.ts";
import type { Model } from "../vocabulary/model.ts";
import { dollarNumber, largerOf, type Nano } from "../vocabulary/money.ts";
import { priceState, type Tariff } from "../vocabulary/price.ts";
import { chargeTariff } from "../vocabulary/tariffs.ts";
import { usageOf } from "../vocabulary/usage.ts";
import { admit } from "./admit.ts";
import { mostOfChat } from "./billing/most-used.ts";
import { findModel } from "./find-model.ts";
import { ChatPrompt } from "./prompt.ts";
import type { Signalbox } from "./signalbox.ts";
import { type Exchange, jsonReply, type Reply } from "./visit/exchange.ts";

/** What a chat would cost: at most, as it would be held, and about what its prompt alone would. The body is the request itself; nobody is asked. */
export async function serveEstimate(exchange: Exchange, box: Signalbox): Promise<Reply> {
  const { visit, headers, rest } = exchange;
  const caller = await admit(exchange, box);
  const call = openaiChatInbound.readCall({ text: await exchange.body(), headers, rest });
  const model = await findModel(call.model, caller, visit, box);
  const { most, certain } = mostOfChat(call, box.billing().assumedOutput);
  const input = new ChatPrompt(call).tokens();
  const at = visit.startedAt;
  const deployments = model.deployments.map((deployment) => {
    const tariff = chargeTariff(model, deployment);
    return {
      deployment: deployment.id,
      price: priceState(tariff, at),
      ...amount("max_cost", tariff && boundOf(most, tariff, at)),
      ...amount("prompt_cost", tariff && costOf(usageOf({ input, evidence: "estimated" }), tariff, at)),
    };
  });
  return jsonReply({
    model: model.name,
    ...amount(
      "max_cost",
      dearest(model, (tariff) => boundOf(most, tariff, at)),
    ),
    currency: "USD",
    prompt_tokens: input,
    max_prompt_tokens: most.inputTokens,
    max_completion_tokens: most.outputTokens,
    completion_bounded: certain,
    deployments,
  });
}

/** Of the model's deployments; `undefined` when the price of one is not known. */
function dearest(model: Model, bound: (tariff: Tariff) => Nano | undefined): Nano | undefined {
  let most = 0n;
  for (const deployment of model.deployments) {
    const tariff = chargeTariff(model, deployment);
    const each = tariff && bound(tariff);
    if (each === undefined) return undefined;
    most = largerOf(most, each);
  }
  return most;
}

/** `null`: not known. */
function amount(name: string, nano: Nano | undefined): Record<string, number | string | null> {
  return { [name]: nano === undefined ? null : dollarNumber(nano), [`${name}_nano`]: nano?.toString() ?? null };
}
