import { NetworkTrouble } from "../trouble.ts";

/** Where an origin is, and by what way. */
export interface Address {
  /** `https://api.example.com`, for messages: without credentials. */
  readonly origin: string;
  /** What the `host` header says. */
  readonly host: string;
  readonly hostname: string;
  readonly port: number;
  readonly secure: boolean;
  /** The name its certificate must bear; absent for an IP address, which is then checked itself. */
  readonly serverName: string | undefined;
  /** The header line of a user name and password in the address, or nothing. */
  readonly authorization: string;
  readonly proxy: ForwardProxy | undefined;
}

/** A forward proxy, which speaks plain HTTP. */
export interface ForwardProxy {
  readonly hostname: string;
  readonly port: number;
  /** Base64 of user and password, or nothing. */
  readonly credentials: string;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** The address of an origin, by way of the proxy that the environment names for it. Throws `NetworkTrouble` for what is no http address. */
export function addressOf(origin: string, variables: Variables): Address {
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new NetworkTrouble("ERR_INVALID_URL", "it is no http or https address");
  const secure = url.protocol === "https:";
  const hostname = bare(url.hostname);
  const credentials = basic(url);
  return {
    origin: `${url.protocol}//${url.host}`,
    host: url.host,
    hostname,
    port: Number(url.port || (secure ? 443 : 80)),
    secure,
    serverName: isAddress(hostname) ? undefined : hostname,
    authorization: credentials === "" ? "" : `authorization: Basic ${credentials}\r\n`,
    proxy: proxyFor(hostname, url.port || (secure ? "443" : "80"), secure, variables),
  };
}

/** The header line that shows a proxy who we are, or nothing. */
export function credentialsOf(proxy: ForwardProxy): string {
  return proxy.credentials === "" ? "" : `proxy-authorization: Basic ${proxy.credentials}\r\n`;
}

/**
 * The proxy of `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY` (in either case), unless `NO_PROXY` names the host. This machine itself is
 * never asked for through a proxy, whatever the variables say: engines run here.
 */
function proxyFor(hostname: string, port: string, secure: boolean, variables: Variables): ForwardProxy | undefined {
  const read = (name: string) => variables[name.toLowerCase()] || variables[name] || undefined;
  const name = secure ? "HTTPS_PROXY" : "HTTP_PROXY";
  const value = read(name) ?? read("ALL_PROXY");
  if (value === undefined || isThisMachine(hostname) || isExcepted(hostname, port, read("NO_PROXY") ?? "")) return undefined;
  const text = value.includes("://") ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:") throw new NetworkTrouble("EPROXY", `the proxy of ${name} is not an http:// address`);
  return { hostname: bare(url.hostname), port: Number(url.port || 80), credentials: basic(url) };
}

/** `NO_PROXY`: names separated by commas, each with everything below it, with a port or without; `*` is everything. */
function isExcepted(hostname: string, port: string, list: string): boolean {
  return list.split(",").some((entry) => {
    const [name = "", only] = entry
      .trim()
      .toLowerCase()
      .replace(/^\*?\./, "")
      .split(/:(?=\d+$)/);
    if (name === "" || (only !== undefined && only !== port)) return false;
    return name === "*" || hostname === name || hostname.endsWith(`.${name}`);
  });
}

function isThisMachine(hostname: string): boolean {
  return hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "::1" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function isAddress(hostname: string): boolean {
  return hostname.includes(":") || /^\d+\.\d+\.\d+\.\d+$/.test(hostname);
}

/** A host without the brackets of an IPv6 address. */
function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "").toLowerCase();
}

function basic({ username, password }: URL): string {
  return username === "" && password === "" ? "" : Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64");
}
