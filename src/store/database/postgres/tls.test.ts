import { expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CERTIFICATE, KEY } from "../../../upstream/http1/localhost.fixture.ts";
import { inFolder } from "../../temporary.fixture.ts";
import { readPostgresAddress } from "./postgres-address.ts";
import { withPostgresServer } from "./postgres-server.fixture.ts";
import { connectTo } from "./session.ts";

setDefaultTimeout(60_000);

test("TLS is spoken, and certificates are believed as sslmode says", () =>
  withPostgresServer(
    (server) =>
      inFolder(async (folder) => {
        const authority = join(folder, "authority.pem");
        writeFileSync(authority, CERTIFICATE);
        const url = server.database();
        // The certificate is localhost's.
        const named = url.replace("127.0.0.1", "localhost");
        const outcome = async (address: string): Promise<string> => {
          try {
            const session = await connectTo(readPostgresAddress(address), 5_000);
            const { rows } = await session.ask("select ssl from pg_stat_ssl where pid = pg_backend_pid()", [], 5_000);
            session.end();
            return rows[0]?.ssl ? "over TLS" : "in the open";
          } catch (error) {
            return String(error);
          }
        };
        expect(await outcome(url)).toBe("in the open");
        expect(await outcome(`${url}?sslmode=require`)).toBe("over TLS");
        expect(await outcome(`${named}?sslrootcert=${authority}`)).toBe("over TLS");
        expect(await outcome(`${named}?sslmode=verify-full&sslrootcert=${authority}`)).toBe("over TLS");
        expect(await outcome(`${url}?sslmode=verify-ca&sslrootcert=${authority}`)).toBe("over TLS");
        expect(await outcome(`${named}?sslmode=verify-full`)).toContain("its certificate is not believed");
        expect(await outcome(`${url}?sslmode=verify-full&sslrootcert=${authority}`)).toContain("its certificate is not believed");
      }),
    { certificate: CERTIFICATE, key: KEY },
  ));
