/** The mark of healq: a ring that closes itself around a pulse. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke-linecap="round" stroke-linejoin="round">
<rect width="32" height="32" rx="8" fill="#17715a"/>
<path d="M24.6 11.2A10 10 0 1 0 26 16" stroke="#bfe8d9" stroke-width="2.4"/>
<path d="M20.8 11.6h4.4V7.2" stroke="#bfe8d9" stroke-width="2.4"/>
<path d="M9.5 16.6h3.2l2-4.4 3 8 1.9-3.6h2.6" stroke="#ffffff" stroke-width="2.2"/>
</svg>
`;
