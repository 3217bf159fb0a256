import { markup, nothing, type Markup } from './markup.ts';

export interface TableColumn {
  head: string;
  isNumber?: boolean;
}

/** A table whose first column names its rows. */
export function table(options: {
  caption: string;
  columns: readonly TableColumn[];
  rows: readonly (readonly Markup[])[];
  /** Said below, such as how many rows are left out. */
  note?: string;
}): Markup {
  const { caption, columns, rows, note } = options;
  const alignment = (index: number): Markup => (columns[index]?.isNumber === true ? markup` class="number"` : nothing);
  const head = columns.map((column, index) => markup`<th scope="col"${alignment(index)}>${column.head}</th>`);
  const body = rows.map(
    (cells) =>
      markup`<tr>${cells.map((cell, index) =>
        index === 0 ? markup`<th scope="row">${cell}</th>` : markup`<td${alignment(index)}>${cell}</td>`,
      )}</tr>
      `,
  );
  return markup`<div><table>
    <caption>${caption}</caption>
    <thead><tr>${head}</tr></thead>
    <tbody>${body}</tbody>
    </table>${note === undefined ? nothing : markup`<p class="note">${note}</p>`}</div>`;
}
