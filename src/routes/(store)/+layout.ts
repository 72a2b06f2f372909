// Public pages carry no client runtime; what script adds to them is one small file (storefront.js).
export const csr = false
