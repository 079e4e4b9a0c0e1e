import { describe, expect, test } from "bun:test";
import type { Container } from "./container.ts";
import { createToldExits } from "./told-exits.ts";

const container = (id: string, different: Partial<Container>): Container => ({
  id,
  name: `name-${id}`,
  labels: {},
  status: "running",
  ports: {},
  ...different,
});
const runs = (id: string) => container(id, {});
const ended = (id: string, at: string, code = 1) => container(id, { status: "exited", exit: { code, outOfMemory: false, at } });
const dies = (id: string, found?: Container) => ({ id, name: `name-${id}`, code: 1, container: found });
const news = (id: string, code?: number, outOfMemory = false) => ({
  type: "exited" as const,
  name: `name-${id}`,
  exit: { ...(code !== undefined && { code }), outOfMemory },
});

describe("an end is told once", () => {
  test("what ended before is no news", () => {
    const told = createToldExits();
    told.begin([ended("a", "1"), runs("b")]);
    expect(told.listed([ended("a", "1"), runs("b")])).toEqual([]);
  });

  test("unless somebody was shown it as running, just before anybody listened", () => {
    const told = createToldExits();
    told.shown(runs("a"));
    told.begin([ended("a", "1")]);
    expect(told.listed([ended("a", "1")])).toEqual([news("a", 1)]);
    told.shown(runs("a"));
    expect(told.listed([])).toEqual([]);
  });

  test("by its event, not by a later list", () => {
    const told = createToldExits();
    told.begin([runs("a")]);
    expect(told.ended(dies("a", ended("a", "1")))).toEqual(news("a", 1));
    expect(told.listed([ended("a", "1")])).toEqual([]);
  });

  test("by a list, not by an event that comes late", () => {
    const told = createToldExits();
    told.begin([runs("a")]);
    expect(told.listed([ended("a", "1")])).toEqual([news("a", 1)]);
    expect(told.ended(dies("a", ended("a", "1")))).toBeUndefined();
  });

  test("of what was gone altogether nobody knows how", () => {
    const told = createToldExits();
    told.begin([runs("a")]);
    expect(told.listed([])).toEqual([news("a")]);
    expect(told.listed([])).toEqual([]);
  });

  test("of what began and ended while nobody heard", () => {
    const told = createToldExits();
    told.begin([]);
    expect(told.listed([ended("a", "1")])).toEqual([news("a", 1)]);
  });

  test("of what ends a second time, a second time", () => {
    const told = createToldExits();
    told.begin([runs("a")]);
    expect(told.ended(dies("a", ended("a", "1")))).toEqual(news("a", 1));
    told.started("a", "name-a");
    expect(told.ended(dies("a", ended("a", "2")))).toEqual(news("a", 1));
    expect(told.listed([ended("a", "3")])).toEqual([news("a", 1)]);
  });

  test("of what is taken away before it could be looked at", () => {
    const told = createToldExits();
    told.started("a", "name-a");
    expect(told.ended(dies("a"))).toEqual(news("a", 1));
    expect(told.ended(dies("a"))).toBeUndefined();
    told.removed("a");
    expect(told.listed([])).toEqual([]);
  });

  test("with what only the container knows", () => {
    const told = createToldExits();
    const killed = container("a", { status: "exited", exit: { code: 137, outOfMemory: true, at: "1" } });
    expect(told.ended({ id: "a", name: "name-a", container: killed })).toEqual(news("a", 137, true));
  });
});
