import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const server = 'http://localhost:3000';

export default defineConfig({
  plugins: [react(), tailwindcss()],
  // The Content-Security-Policy allows fonts and scripts from files only, so nothing may be inlined.
  build: { assetsInlineLimit: 0 },
  server: { proxy: { '/api': server, '/socket.io': { target: server, ws: true } } },
});
