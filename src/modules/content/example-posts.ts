export interface ExamplePost {
  readonly title: string
  readonly category: string
  readonly bodyMd: string
  /** Days and hours before the shop was laid out. */
  readonly hoursAgo: number
  /** Titles of example products that open it; none: everybody reads it. */
  readonly opensWith: readonly string[]
}

const days = (count: number) => count * 24 + 3

/** Posts of the example studio, the oldest first. */
export const examplePosts: readonly ExamplePost[] = [
  {
    title: 'Why the week breaks on Wednesday',
    category: 'Planning',
    hoursAgo: days(41),
    opensWith: [],
    bodyMd: `For two years I kept a tally: every time a plan for the week came apart, I wrote down the day. It was not Monday, when everything is still possible, and not Friday, when nothing is. It was Wednesday, thirty-one times out of fifty-two.

## What happens there

On Monday we plan with the information of Sunday. By Wednesday three things have arrived that Sunday did not know: an answer, a delay, and somebody else's emergency. None of them is a disaster. Together they are about a day and a half of work, and a week that was planned full has no day and a half to give.

So the plan is not wrong because we are undisciplined. It is wrong because it is *old*.

## What I do instead

I plan three days. Then I stop, on purpose, and look again:

- **What moved?** Not whose fault it is, just what is somewhere else now.
- **What may go?** There is always one thing that nobody would miss.
- **What still matters by Friday?** One thing. If it is two, one of them is next week's.

It takes ten minutes, and the second half of the week is planned with what I know instead of what I hoped. The sheet I draw this on became [The Wednesday Planner](/p/the-wednesday-planner), but the back of an envelope does as well. The planner only makes sure that there is an envelope.`,
  },
  {
    title: 'A mark is a promise to your later self',
    category: 'Notebooks',
    hoursAgo: days(29),
    opensWith: [],
    bodyMd: `Open a notebook from five years ago and try to find the one page that mattered. If you are like me, you leaf. Everything is there, and nothing stands out.

A mark in the margin is the smallest tool that helps. It says: *somebody who was here thought this would be needed again*. That somebody knew more about the moment than you remember now, which is why it is worth listening to them.

## Five are enough

I have tried systems with twenty signs. I forgot eleven of them. These stayed:

1. A filled dot for what must be done.
2. An open one for what is waiting for somebody else.
3. A small wave for an idea that is not ready.
4. A bracket for a sentence worth quoting.
5. A little anchor for a decision, and why.

The last one is the one I would keep if I could keep only one. A year later nobody doubts *that* we decided; everybody asks *why*.

Draw them with whatever you have at hand. If you would rather print or type them, they are part of [Tidemarks](/p/tidemarks).`,
  },
  {
    title: 'Seven questions before the first sketch',
    category: 'Working with clients',
    hoursAgo: days(17),
    opensWith: ['The Brief Sheet'],
    bodyMd: `A commission rarely fails at the drawing. It fails at the table, weeks before, when two people nod at the same word and mean two things by it. "Fresh" is such a word. So are "soon", "small" and "final".

I keep a list of questions that turn nodding into sentences. None of them is clever. What makes them work is the order: from what nobody minds answering to what nobody has been asked yet.

<!-- more -->

## The seven

1. **What made you write to me this week, and not a month ago?** Here the real deadline is hiding.
2. **Who will see it first, and what should they do then?** If the answer is "everybody", ask for the name of one.
3. **What have you tried before, and what was almost right about it?** People describe best what they nearly had.
4. **What must not happen?** The most honest part of every brief.
5. **Who else has to say yes?** Better a name now than a surprise in round three.
6. **What is it worth if it works?** Not the budget. The budget follows from it.
7. **How will we know that we are done?** Write the answer down, word for word, and send it back the same evening.

## How I use them

I never read them out. I send the first three a day before we talk and keep the others in my lap. When the conversation slows down, one of them is always next.

The answer to the fourth goes to the top of the page where I draw, in the client's own words. I have thrown away a good many handsome sketches because of that line, and not one of them too early.

## When somebody cannot answer

Then that is the first part of the work, and it has a price. A small one: half a day, one page, no drawings. I have never had a client who regretted it, and two who found out that they did not need me at all. Both of them sent others.`,
  },
  {
    title: 'Paper that survives the printer at home',
    category: 'Notebooks',
    hoursAgo: days(8),
    opensWith: [],
    bodyMd: `People ask what they should print the sheets on. The honest answer is that the paper in your printer is fine. The longer answer is below, for those who like to know.

| For | Weight | What to look for |
|---|---|---|
| A week on the wall | 90 g | uncoated, slightly off white |
| Notes with a fountain pen | 100 g | "inkjet" paper drinks, "laser" paper does not |
| Something to give away | 160 g | the heaviest most printers take by the straight path |

Two things matter more than weight. Print at **100 %**, not "fit to page": the dots are five millimetres apart, and only then a line of your handwriting sits between two of them. And let it lie for a minute before you write. Ink that looks dry is often only polite.

> The best paper is the one you are not afraid to spoil.

If a sheet comes out wrong, keep it. The back is empty.`,
  },
  {
    title: 'How I plan a year without planning a year',
    category: 'Planning',
    hoursAgo: days(2),
    opensWith: ['The Wednesday Planner'],
    bodyMd: `Every December I used to draw a beautiful year. Twelve columns, four colours, a line for holidays. By March I was ashamed to look at it.

Now I plan a year in one evening, and I look at it every month with pleasure. The trick is to write down far less, and to be strict about what may be written at all.

<!-- more -->

## Only three kinds of things may stand there

**What happens anyway.** School holidays, the fair in October, the month in which nobody answers. They are not plans, they are weather. I write them in pencil grey, across the whole width.

**What I have promised.** Something with a date and another person at the other end. In most years these are fewer than ten. If there are more, the year is full, and it is good to know that in December.

**One thing a season.** Not a goal, a *direction*: "make the second edition", "teach once". Four in a year. Two of them will change, and that is what the space beside them is for.

Everything else stays out. Ideas go into the notebook with a small wave in the margin, and wait for their season.

## The evening itself

1. Leaf through the old year, forty minutes, no pen.
2. Write the weather.
3. Write the promises. Count them. Be quiet for a moment.
4. Choose the four directions, and tell somebody who will ask about them.

Then I close the book. The weeks get planned when they are there: three days, a look on Wednesday, the rest. The year only has to tell me which of two good things is this season's, and for that four lines are plenty.`,
  },
]
