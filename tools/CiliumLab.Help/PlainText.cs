using System.Text;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace CiliumLab.Help;

/// <summary>Turns Markdown into what a help screen shows: paragraphs without marks.</summary>
internal static class PlainText
{
    private const string CodeIndent = "    ";

    public static IReadOnlyList<string> Of(IEnumerable<Block> blocks) => [.. blocks.Select(Of).Where(text => text.Length > 0)];

    public static string Of(ContainerInline? inline)
    {
        var text = new StringBuilder();
        Append(text, inline);
        return text.ToString().Trim();
    }

    public static string Code(LeafBlock code) => code.Lines.ToString().Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd();

    private static string Of(Block block) => block switch
    {
        CodeBlock code => CodeIndent + Code(code).Replace("\n", "\n" + CodeIndent, StringComparison.Ordinal),
        LeafBlock leaf => Of(leaf.Inline),
        ListBlock list => string.Join('\n', list.Cast<ListItemBlock>().Select((item, index) => Item(list, item, index))),
        ContainerBlock container => string.Join('\n', Of((IEnumerable<Block>)container)),
        _ => "",
    };

    private static string Item(ListBlock list, ListItemBlock item, int index)
    {
        var mark = list.IsOrdered ? $"{index + 1}. " : "- ";
        var text = string.Join('\n', Of((IEnumerable<Block>)item));
        return mark + text.Replace("\n", "\n" + new string(' ', mark.Length), StringComparison.Ordinal);
    }

    private static void Append(StringBuilder text, Inline? inline)
    {
        switch (inline)
        {
            case LiteralInline literal:
                text.Append(literal.Content);
                break;
            case CodeInline code:
                text.Append(code.Content);
                break;
            case LineBreakInline { IsHard: true }:
                text.Append('\n');
                break;
            case LineBreakInline:
                text.Append(' ');
                break;
            case HtmlEntityInline entity:
                text.Append(entity.Transcoded);
                break;
            case AutolinkInline link:
                text.Append(link.Url);
                break;
            case ContainerInline container:
                foreach (var child in container)
                    Append(text, child);
                if (container is LinkInline { Url: { } url } && url.Contains("://", StringComparison.Ordinal))
                    text.Append($" ({url})");
                break;
            default:
                break;
        }
    }
}
