import { address, duration, flag, text, texts, wholeNumber } from "./fields.ts";
import { section } from "./sections.ts";

/** `server`. */
export const server = section({
  host: text("an address to listen on").default("0.0.0.0").describe("Address to listen on. 127.0.0.1 keeps it on this machine."),
  port: wholeNumber(0, 65_535).prefault(4000).describe("Port to listen on; 0 takes any free one."),
  public_url: address().optional().describe("How clients reach this server, as shown at start: https://llm.example.com."),
  max_body_mb: wholeNumber(1, 1024).prefault(32).describe("Largest request body, in megabytes; more is 413."),
  cors_origins: texts().default([]).describe("Web origins whose pages may call from a browser; `*` for all."),
  allowed_hosts: texts().default([]).describe("Host names requests may be addressed to; empty allows any."),
  trusted_proxies: texts().default([]).describe("Addresses or networks (10.0.0.0/8, loopback) whose X-Forwarded-For is believed."),
  trusted_networks: texts().default(["loopback"]).describe("Networks that may read health details and metrics without a key."),
  refresh_models: duration()
    .prefault("10m")
    .describe("How often providers are asked for their models anew, where these are discovered; `0s`: only at start and on reload."),
  shutdown_grace: duration().prefault("30s").describe("How long running requests may go on once told to stop; then they are called off, each with an error."),
  private_mode: flag().prefault(true).describe("Every call needs a key. `false` is obeyed only when the server listens on loopback."),
  remove_sources: flag().prefault(false).describe("Strip citations from answers."),
  ollama_api: flag().prefault(true).describe("Serve Ollama's own API (`/api/chat`, `/api/tags`, …) beside the others; `false`: its routes are 404."),
  fetch_media: section({
    enabled: flag()
      .prefault(false)
      .describe("Fetch images and files that a request names by https URL, when its model needs the bytes. `false`: such requests are 400."),
    max_mb: wholeNumber(1, 100).prefault(10).describe("Most megabytes fetched for one request."),
    timeout: duration().prefault("5s").describe("Longest time to fetch them all."),
  })
    .prefault({})
    .describe("Media by URL for models that cannot fetch themselves. Only public addresses are called, and no redirects followed."),
  environment: text().optional().describe("Name of this installation's stage, such as production; also chooses the overlay file."),
  app_version: text().optional().describe("Your own version label, shown in logs and health."),
});
