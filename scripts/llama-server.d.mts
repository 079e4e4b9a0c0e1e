/** Where llama.cpp's server is, and which version; none: it is not installed. */
export function placeOfLlamaServer(): { readonly path: string; readonly version?: string };
