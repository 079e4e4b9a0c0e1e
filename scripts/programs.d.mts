/** Where an installed program is, with the folder of a runtime of its own if it needs one. */
export function placeOf(name: string): { readonly folder: string; readonly path: string; readonly runtime?: string; readonly installed: boolean };
