/** An image as Docker pulls it: without a tag it would pull all the image has. */
export function readImageName(image: string): { readonly name: string; readonly tag: string } {
  const [named = image, digest] = image.split("@", 2);
  // A colon before a slash is that of a registry's port.
  const colon = named.lastIndexOf(":");
  const tagged = colon > named.lastIndexOf("/");
  return { name: tagged ? named.slice(0, colon) : named, tag: digest ?? (tagged ? named.slice(colon + 1) : "latest") };
}
