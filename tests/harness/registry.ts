import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

/** A registry with one image, `engine:1`, of one empty layer; it notes how often it was pulled. */
export interface Registry {
  /** `127.0.0.1:port/engine:1`: registries of this machine need no TLS. */
  readonly image: string;
  readonly pulls: () => number;
  close(): void;
}

const MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
const digestOf = (bytes: Uint8Array) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** Starts it; its image runs that command, out of folders that are bound. */
export async function startRegistry(layer: Uint8Array, entrypoint: readonly string[]): Promise<Registry> {
  const packed = gzipSync(layer);
  const architecture = process.arch === "arm64" ? "arm64" : "amd64";
  const rootfs = { type: "layers", diff_ids: [digestOf(layer)] };
  const config = Buffer.from(JSON.stringify({ architecture, os: "linux", config: { Entrypoint: entrypoint }, rootfs }));
  const blobOf = (mediaType: string, bytes: Uint8Array) => ({ mediaType, size: bytes.length, digest: digestOf(bytes) });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: blobOf("application/vnd.docker.container.image.v1+json", config),
      layers: [blobOf("application/vnd.docker.image.rootfs.diff.tar.gzip", packed)],
    }),
  );
  const blobs = new Map([config, packed].map((bytes) => [digestOf(bytes), bytes]));
  let pulls = 0;
  const server = createServer((asked, answer) => {
    const [, kind, name = ""] = /^\/v2\/engine\/(manifests|blobs)\/(.+)$/.exec(asked.url ?? "") ?? [];
    if (kind === "blobs") return void answer.writeHead(200, { "content-type": "application/octet-stream" }).end(blobs.get(name));
    if (kind === undefined) return void answer.writeHead(200).end();
    if (asked.method === "GET") pulls++;
    const headers = { "content-type": MANIFEST, "content-length": manifest.length, "docker-content-digest": digestOf(manifest) };
    answer.writeHead(200, headers).end(asked.method === "HEAD" ? undefined : manifest);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    image: `127.0.0.1:${port}/engine:1`,
    pulls: () => pulls,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
