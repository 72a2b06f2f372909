/** The bundle of the example shop; its parts are named by their titles. */
export const exampleBundle = {
  title: 'The Desk Set',
  summary: 'The planner and the marks together, for a desk that begins anew.',
  descriptionMd:
    'Most people who plan their week on paper end up drawing beside it. So here are both: **The Wednesday Planner** for what ' +
    'has to be done, and **Tidemarks** for the margins around it.\n\nThe marks fit into the dots of the notes page, four ' +
    'millimetres high. Print one sheet of them small, cut it up, and a list gets a face.\n\nBoth are yours on their own, with ' +
    'every new version of either.',
  price: '22',
  position: 4,
  parts: ['The Wednesday Planner', 'Tidemarks'],
} as const
