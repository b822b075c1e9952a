// Where the console begins.

import '@mantine/core/styles.css';
import './app/console.css';
import { App } from './app/app.tsx';
import { startPage } from './app/start.tsx';
import { theme } from './app/theme.ts';

startPage(<App />, theme);
