import { type Exchange, jsonReply, type Reply, type Route } from "../../gateway/visit/exchange.ts";
import { type Clock, systemClock } from "../../vocabulary/clock.ts";
import { Failure } from "../../vocabulary/failure.ts";
import type { Model } from "../../vocabulary/model.ts";
import type { Tariff } from "../../vocabulary/price.ts";
import { chargeTariff } from "../../vocabulary/tariffs.ts";
import { shownDeployment } from "../model-view.ts";
import { shownPrices, shownTariff } from "./price-view.ts";

/** Prices as management sees them. */
export interface PriceDesk {
  models(): Iterable<Model>;
  /** What is built in for a model, by the kind of provider. */
  builtIn(provider: string, model: string): Tariff | undefined;
}

type Now = Pick<Clock, "now">;

/** `/admin/prices`: what each deployment of each model costs and what is charged; with `?provider=&model=` what is built in for that. */
export function priceRoutes(desk: PriceDesk, clock: Now = systemClock): Route[] {
  return [{ method: "GET", path: "/admin/prices", admits: "operator", handle: (exchange) => prices(exchange, desk, clock.now()) }];
}

function prices({ search }: Exchange, desk: PriceDesk, now: number): Reply {
  const wanted = new URLSearchParams(search);
  const [provider, model] = [wanted.get("provider"), wanted.get("model")];
  if (provider !== null && model !== null) return jsonReply({ data: builtIn({ provider, model }, desk, now), next: null });
  if (provider !== null)
    throw new Failure("invalid-request", "A built-in price is asked for by provider and model: /admin/prices?provider=openai&model=gpt-4o.");
  const models = [...desk.models()].filter(({ name, aliases, listed }) => listed && (model === null || name === model || aliases.includes(model)));
  return jsonReply({ data: models.flatMap((each) => rows(each, now)), next: null });
}

function builtIn({ provider, model }: { readonly provider: string; readonly model: string }, desk: PriceDesk, now: number): object[] {
  const tariff = desk.builtIn(provider, model);
  return tariff === undefined ? [] : [{ provider, model, ...shownTariff(tariff, "deployment", now), prices: shownPrices(tariff) }];
}

function rows(model: Model, now: number): object[] {
  return model.deployments.map((deployment) => {
    const { id, price, price_state, price_source, price_version } = shownDeployment(deployment, model, now);
    const charge = shownTariff(chargeTariff(model, deployment), model.price === undefined ? "deployment" : "model", now);
    return { model: model.name, deployment: id, price, price_state, price_source, price_version, charge };
  });
}
