/** A complete HTTP answer, or as much of an error's as arrived; header names in lower case. */
export interface HttpAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
}
