// Shown at the address of a download, where a client router would look for another page.
export const csr = false
