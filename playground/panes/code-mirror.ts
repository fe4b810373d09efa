/**
 * CodeMirror, as this page uses it.
 *
 * Promise: every file keeps its own undo history and selection while its workspace is open. Colours come from the page's
 * custom properties, so light and dark need nothing here.
 *
 * The one file that knows CodeMirror's editor; it is fetched after the page stands.
 */
import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab, toggleTabFocusMode } from '@codemirror/commands';
import { javascript } from '@codemirror/lang-javascript';
import { json } from '@codemirror/lang-json';
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { Annotation, EditorState, type Extension, Prec, Transaction } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { How } from '../app.ts';
import type { Fault } from '../session.ts';

type Place = NonNullable<Fault['place']>;

export interface CodeEditor {
  /** Shows a file; a text that came from elsewhere replaces what stood there. */
  show(path: string, text: string): void;
  /** Underlines where the shown file is at fault. */
  mark(fault: Fault | undefined): void;
  /** `there`: the cursor goes to it; `beside`: the word is marked, and the focus stays where it is. */
  goTo(place: Place, how: How): void;
  focus(): void;
  /** Drops every file's history: another workspace follows. */
  forget(): void;
}

export interface CodeEditorOptions {
  readonly parent: HTMLElement;
  readonly onEdit: (path: string, text: string) => void;
  readonly onLeave: () => void;
  /** Tab moves the focus on, or indents */
  readonly onTabMode: (moves: boolean) => void;
}

const fromElsewhere = Annotation.define<boolean>();

export function createCodeEditor({ parent, onEdit, onLeave, onTabMode }: CodeEditorOptions): CodeEditor {
  const states = new Map<string, EditorState>();
  let path = '';
  let tabMoves = false;
  const extensions = setup({
    onLeave,
    onEdit: (text) => onEdit(path, text),
    onTabMode: () => {
      tabMoves = !tabMoves;
      onTabMode(tabMoves);
    },
  });
  const view = new EditorView({ parent });
  const fresh = (name: string, text: string): EditorState =>
    EditorState.create({ doc: text, extensions: [extensions, languageOf(name)] });

  return {
    show(name, text) {
      if (name !== path) {
        if (path !== '') states.set(path, view.state);
        path = name;
        view.setState(states.get(name) ?? fresh(name, text));
      }
      if (view.state.doc.toString() === text) return;
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: text },
        annotations: [fromElsewhere.of(true), Transaction.addToHistory.of(false)],
      });
    },
    mark(fault) {
      const place = fault?.place;
      if (!place) {
        view.dispatch(setDiagnostics(view.state, []));
        return;
      }
      const from = offsetOf(view.state, place);
      const to = view.state.wordAt(from)?.to ?? Math.min(from + 1, view.state.doc.lineAt(from).to);
      view.dispatch(setDiagnostics(view.state, [{ from, to, severity: 'error', message: fault.sentence }]));
    },
    goTo(place, how) {
      const at = offsetOf(view.state, place);
      const selection = how === 'there' ? { anchor: at } : { anchor: at, head: view.state.wordAt(at)?.to ?? at };
      view.dispatch({ selection, effects: EditorView.scrollIntoView(at, { y: 'center' }) });
      if (how === 'there') view.focus();
    },
    focus: () => view.focus(),
    forget() {
      states.clear();
      path = '';
    },
  };
}

/** What every file's state is made with. */
function setup(heard: { onEdit(text: string): void; onLeave(): void; onTabMode(): void }): Extension {
  const { onEdit, onLeave, onTabMode } = heard;
  return [
    lineNumbers(),
    lintGutter(),
    history(),
    drawSelection(),
    highlightSpecialChars(),
    highlightActiveLine(),
    highlightSelectionMatches(),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    syntaxHighlighting(highlighting),
    theme,
    EditorState.tabSize.of(2),
    EditorView.lineWrapping,
    Prec.high(
      keymap.of([
        {
          key: 'Ctrl-m',
          run: (target) => {
            onTabMode();
            return toggleTabFocusMode(target);
          },
        },
      ]),
    ),
    keymap.of([...closeBracketsKeymap, ...historyKeymap, ...searchKeymap, ...defaultKeymap, indentWithTab]),
    Prec.lowest(
      keymap.of([
        {
          key: 'Escape',
          run: () => {
            onLeave();
            return true;
          },
        },
      ]),
    ),
    // Reached by Enter on the frame or by the pointer, so that Tab can pass by.
    EditorView.contentAttributes.of({ tabindex: '-1', 'aria-label': 'Code', autocapitalize: 'off' }),
    EditorView.updateListener.of((update) => {
      if (!update.docChanged || update.transactions.some((one) => one.annotation(fromElsewhere))) return;
      onEdit(update.state.doc.toString());
    }),
  ];
}

/** Places count from 1; one beyond the text is the nearest place in it. */
function offsetOf(state: EditorState, { line, column }: Place): number {
  const found = state.doc.line(Math.min(Math.max(line, 1), state.doc.lines));
  return Math.min(found.from + Math.max(column, 1) - 1, found.to);
}

function languageOf(path: string): Extension {
  const ending = path.slice(path.lastIndexOf('.') + 1);
  if (ending === 'json' || ending === 'jsonc') return json();
  if (/^[mc]?tsx?$/.test(ending)) return javascript({ typescript: true, jsx: ending === 'tsx' });
  if (/^[mc]?jsx?$/.test(ending)) return javascript({ jsx: true });
  return [];
}

const highlighting = HighlightStyle.define([
  { tag: [tags.comment], color: 'var(--code-comment)' },
  { tag: [tags.keyword, tags.modifier, tags.controlKeyword, tags.operatorKeyword], color: 'var(--code-keyword)' },
  { tag: [tags.string, tags.regexp, tags.special(tags.string)], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'var(--code-number)' },
  { tag: [tags.typeName, tags.className, tags.definition(tags.className)], color: 'var(--code-type)' },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--code-property)' },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: 'var(--code-call)' },
]);

const theme = EditorView.theme({
  '&': { height: '100%', fontSize: '13px', backgroundColor: 'transparent', color: 'var(--text)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '20px' },
  '.cm-content': { padding: '8px 0 24px', caretColor: 'var(--accent)' },
  '.cm-line': { padding: '0 16px 0 8px' },
  '.cm-gutters': { backgroundColor: 'transparent', border: 'none', color: 'var(--faint)', userSelect: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 8px 0 12px', minWidth: '32px' },
  '.cm-gutter-lint': { width: '12px' },
  '.cm-gutter-lint .cm-gutterElement': { padding: '4px 0' },
  '.cm-lint-marker': { width: '12px', height: '12px' },
  '.cm-activeLine': { backgroundColor: 'transparent' },
  '&.cm-focused .cm-activeLine': { backgroundColor: 'var(--hover)' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    backgroundColor: 'var(--selection)',
  },
  '.cm-selectionMatch': { backgroundColor: 'var(--hover)' },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--selection)', outline: 'none' },
  '.cm-tooltip': {
    backgroundColor: 'var(--surface)',
    border: '1px solid var(--line)',
    borderRadius: '8px',
    color: 'var(--text)',
    maxWidth: '420px',
  },
  '.cm-diagnostic': { fontFamily: 'var(--sans)', padding: '8px 12px' },
  '.cm-diagnostic-error': { borderLeft: 'none' },
  '.cm-panels': { backgroundColor: 'var(--surface)', color: 'var(--text)', borderColor: 'var(--line)' },
  '.cm-textfield, .cm-button': {
    backgroundColor: 'var(--field)',
    backgroundImage: 'none',
    border: '1px solid var(--line)',
    borderRadius: '4px',
    color: 'inherit',
  },
});
