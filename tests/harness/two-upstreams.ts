import { afterAll, beforeEach } from "bun:test";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { startBox, type TestBox, type TestBoxOptions } from "./box.ts";

export interface TwoUpstreams {
  readonly fake: FakeUpstream;
  readonly second: FakeUpstream;
  readonly box: TestBox;
}

/** The gateway before two upstreams, for one file of tests: both forget between tests what was asked and played, all stop after the last. */
export async function twoUpstreams(options: (fake: FakeUpstream, second: FakeUpstream) => TestBoxOptions): Promise<TwoUpstreams> {
  const fake = await startFakeUpstream();
  const second = await startFakeUpstream();
  const box = startBox(options(fake, second));
  afterAll(async () => {
    await box.stop();
    await fake.stop();
    await second.stop();
  });
  beforeEach(() => {
    for (const each of [fake, second]) {
      each.forget();
      each.play({});
    }
  });
  return { fake, second, box };
}
