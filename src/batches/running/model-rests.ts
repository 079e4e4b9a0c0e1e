/** What a batch knows of the models it asks. Times are milliseconds since 1970. */
export class ModelRests {
  readonly #models = new Map<string, { until: number; troubles: number; asked: number }>();

  /** May a line of it be asked now? If not, from when on. After a failure one at a time, until one is answered. */
  freeFrom(model: string, now: number): number | undefined {
    const state = this.#models.get(model);
    if (state === undefined) return undefined;
    if (state.until > now) return state.until;
    return state.troubles > 0 && state.asked > 0 ? Number.POSITIVE_INFINITY : undefined;
  }

  /** How often it was left alone since the last answer. */
  troubles(model: string): number {
    return this.#models.get(model)?.troubles ?? 0;
  }

  asked(model: string): void {
    this.#of(model).asked++;
  }

  /** Over, with an answer. */
  answered(model: string): void {
    const state = this.#of(model);
    state.asked--;
    state.troubles = 0;
  }

  /** Over without one: its model is left alone until then. What fails while it is left alone already was asked before, and is the same trouble. */
  failed(model: string, { now, until }: { readonly now: number; readonly until: number }): void {
    const state = this.#of(model);
    state.asked--;
    if (state.until <= now) state.troubles++;
    state.until = Math.max(state.until, until);
  }

  #of(model: string) {
    let state = this.#models.get(model);
    if (state === undefined) this.#models.set(model, (state = { until: 0, troubles: 0, asked: 0 }));
    return state;
  }
}
