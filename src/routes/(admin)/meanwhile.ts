/** Of what is stored, what stands otherwise in the form; labels: the fields that are told of, by name. */
export function differing<Name extends string>(
  labels: Readonly<Record<Name, string>>,
  stored: Readonly<Record<NoInfer<Name>, string>>,
  typed: Readonly<Partial<Record<NoInfer<Name>, string>>>,
): readonly { readonly label: string; readonly text: string }[] {
  // Object.keys of a record that names all of them.
  return (Object.keys(labels) as Name[]).flatMap((name) =>
    stored[name] === (typed[name] ?? '') ? [] : [{ label: labels[name], text: stored[name] }],
  )
}
