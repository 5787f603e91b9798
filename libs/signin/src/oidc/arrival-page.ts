const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * A page that goes on to an address of ours. A redirect would not do: it ends a chain that another
 * site began, and a browser sends no `SameSite=Strict` cookie along with that.
 */
export function arrivalPage(url: string): string {
  const target = url.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="0;url=${target}">
<title>Signed in</title>
<p>You are signed in. <a href="${target}">Go on</a>.</p>
</html>
`;
}
