/** A PNG file of 8 by 8 pixels, all of one blue, as base64: no model paints here. */
export const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR4nGO4OcELK2IYWhIAof5swQLwqV8AAAAASUVORK5CYII=';
