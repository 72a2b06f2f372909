import sharp from 'sharp'

/** Shores, drawn: pictures of steady looks for a shop that is looked at, in the formats that cameras and phones give. */
export async function shore(hue: number, width = 1600, height = 1200): Promise<Buffer> {
  const wave = (y: number, swing: number) =>
    `M0 ${y} C ${width * 0.25} ${y - swing}, ${width * 0.4} ${y + swing}, ${width * 0.62} ${y} S ${width * 0.9} ${y - swing * 0.6}, ${width} ${y + swing * 0.3} V ${height} H 0 Z`
  const colour = (saturation: number, light: number, turn = 0) =>
    `hsl(${(hue + turn) % 360} ${saturation}% ${light}%)`
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="${colour(36, 86, 190)}"/><stop offset="1" stop-color="${colour(52, 78, 20)}"/></linearGradient></defs>
    <rect width="100%" height="100%" fill="url(#sky)"/>
    <circle cx="${width * 0.7}" cy="${height * 0.36}" r="${height * 0.11}" fill="${colour(70, 92, 30)}"/>
    <path d="${wave(height * 0.5, 46)}" fill="${colour(28, 58)}"/>
    <path d="${wave(height * 0.62, 64)}" fill="${colour(34, 44, 8)}"/>
    <path d="${wave(height * 0.76, 58)}" fill="${colour(38, 31, 14)}"/>
    <path d="${wave(height * 0.9, 40)}" fill="${colour(42, 20, 20)}"/>
  </svg>`
  return sharp(Buffer.from(svg)).jpeg({ quality: 88 }).toBuffer()
}

/** A person's picture, drawn: head and shoulders before a wall. */
export async function portrait(hue: number): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="600" height="600">
    <rect width="600" height="600" fill="hsl(${hue} 34% 74%)"/>
    <path d="M90 600 C 110 430, 210 400, 300 400 S 490 430, 510 600 Z" fill="hsl(${(hue + 150) % 360} 30% 32%)"/>
    <ellipse cx="300" cy="270" rx="112" ry="136" fill="hsl(24 42% 72%)"/>
    <path d="M180 262 C 170 110, 430 96, 424 268 C 400 190, 330 178, 296 182 S 200 200, 180 262 Z" fill="hsl(20 34% 24%)"/>
  </svg>`
  return sharp(Buffer.from(svg)).jpeg({ quality: 88 }).toBuffer()
}
