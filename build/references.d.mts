/** Path in the project and text of each page of docs/reference. */
export function makeReferences(): [path: string, text: string][]
