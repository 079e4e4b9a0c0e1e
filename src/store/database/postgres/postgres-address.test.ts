import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inFolder } from "../../temporary.fixture.ts";
import { readPostgresAddress } from "./postgres-address.ts";

const PASSWORD = "p@ss/w%rd";
const USER = `postgres://us%65r:${encodeURIComponent(PASSWORD)}`;

describe("the URL of PostgreSQL", () => {
  const rows: readonly [url: string, shown: string][] = [
    ["postgres://u:p@db/gateway", "db:5432/gateway"],
    ["postgresql://u:p@db.internal:6543/gateway", "db.internal:6543/gateway"],
    ["postgres://u:p@[fd00::5]:5433/gateway", "[fd00::5]:5433/gateway"],
    ["postgres://u@db", "db:5432/u"],
    ["postgres://u:p@localhost/gateway?host=/run/postgresql", "/run/postgresql:5432/gateway"],
    ["postgres://u:p@db/my%20gateway?application_name=a&pgbouncer=true&connect_timeout=9", "db:5432/my gateway"],
  ];
  test.each(rows)("%s is at %s", (url, shown) => {
    expect(readPostgresAddress(url).shown).toBe(shown);
  });

  test("gives user and password as they are, and keeps the password out of texts", () => {
    const address = readPostgresAddress(`${USER}@db/gateway`);
    expect([address.user, address.password]).toEqual(["user", PASSWORD]);
    expect(address.clean(`"${PASSWORD}" and ${encodeURIComponent(PASSWORD)}`)).toBe('"…" and …');
  });

  const refused: readonly [url: string, says: string][] = [
    ["mysql://u:hunter2@db/x", "cannot be read"],
    ["postgres://u:hunter2@db:port/x", "cannot be read"],
    ["postgres://u:hunter2@db/x?sslmode=perhaps", "sslmode=perhaps"],
    ["postgres://u:hunter2@db/x?options=-csearch_path%3Dhunter2", "options"],
    ["postgres://u:hunter2@db/x?sslrootcert=/nowhere", "/nowhere"],
    ["postgres://db/x", "names no user"],
  ];
  test.each(refused)("%s is refused without being repeated", (url, says) => {
    let said = "";
    try {
      readPostgresAddress(url);
    } catch (error) {
      said = String(error);
    }
    expect(said).toContain(says);
    expect(said).not.toContain("hunter2");
  });
});

describe("TLS", () => {
  const modes: readonly [query: string, authority: boolean, meaning: string][] = [
    ["", false, "none"],
    ["sslmode=disable", false, "none"],
    ["sslmode=require", false, "any certificate"],
    ["sslmode=no-verify", true, "any certificate"],
    ["sslmode=require", true, "signed, any name"],
    ["sslmode=verify-ca", true, "signed, any name"],
    ["sslmode=verify-full", false, "signed, this name"],
    ["sslmode=verify-full", true, "signed, this name"],
    ["", true, "signed, this name"],
  ];
  test.each(modes)("%s, an authority given: %p: %s", (query, authority, meaning) =>
    inFolder(async (folder) => {
      const path = join(folder, "authority.pem");
      writeFileSync(path, "PEM");
      const { ssl } = readPostgresAddress(`postgres://u:p@db/x?${query}${authority ? `&sslrootcert=${path}` : ""}`);
      const believed =
        ssl === false ? "none" : ssl.rejectUnauthorized === false ? "any certificate" : ssl.checkServerIdentity ? "signed, any name" : "signed, this name";
      expect(believed).toBe(meaning);
      if (ssl !== false) expect(ssl.ca).toBe(authority ? "PEM" : undefined);
    }),
  );
});
