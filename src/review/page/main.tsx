import { render } from 'preact';
import { App } from './app.tsx';
import { openSource } from './source.ts';

const place = document.getElementById('app');
if (place !== null) render(<App source={openSource()} />, place);
