using System.Xml.Linq;

namespace CiliumLab.Help;

/// <summary>Writes pages in the language of PowerShell's help system.</summary>
public static class Maml
{
    private static readonly XNamespace Msh = "http://msh";
    private static readonly XNamespace Text = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>The help file of a module.</summary>
    public static XDocument Document(IEnumerable<CommandPage> pages) =>
        new(new XElement(Msh + "helpItems", new XAttribute("schema", "maml"), pages.Select(Element)));

    private static XElement Element(CommandPage page)
    {
        var words = page.Name.Split('-', 2);
        return new XElement(
            Command + "command",
            new XAttribute(XNamespace.Xmlns + "maml", Text),
            new XAttribute(XNamespace.Xmlns + "command", Command),
            new XAttribute(XNamespace.Xmlns + "dev", Dev),
            new XElement(
                Command + "details",
                new XElement(Command + "name", page.Name),
                new XElement(Command + "verb", words[0]),
                new XElement(Command + "noun", words[^1]),
                Description(page.Synopsis)),
            Description(page.Description),
            new XElement(Command + "syntax", page.Syntax.Select(syntax => SyntaxItem(page, syntax))),
            new XElement(Command + "parameters", page.Parameters.Select(parameter => Parameter(parameter, parameter.Uses[0]))),
            new XElement(Command + "inputTypes", page.Inputs.Select(type => Type("inputType", type))),
            new XElement(Command + "returnValues", page.Outputs.Select(type => Type("returnValue", type))),
            new XElement(Text + "alertSet", new XElement(Text + "alert", Paragraphs(page.Notes))),
            new XElement(Command + "examples", page.Examples.Select(Example)),
            new XElement(Command + "relatedLinks", Links(page)));
    }

    // Positional parameters come first, in their order, as the prompt expects them.
    private static XElement SyntaxItem(CommandPage page, PageSyntax syntax)
    {
        var members =
            from parameter in page.Parameters
            let use = syntax.Set.Length == 0 ? parameter.Uses[0] : parameter.Uses.FirstOrDefault(use => use.IsIn(syntax.Set))
            where use is not null
            orderby use.Position ?? int.MaxValue, use.Required ? 0 : 1
            select Parameter(parameter, use);
        return new XElement(Command + "syntaxItem", new XElement(Text + "name", page.Name), members);
    }

    private static XElement Parameter(PageParameter parameter, ParameterUse use)
    {
        var isSwitch = use.Type.EndsWith("SwitchParameter", StringComparison.Ordinal);
        return new XElement(
            Command + "parameter",
            new XAttribute("required", Word(use.Required)),
            new XAttribute("variableLength", Word(use.Type.EndsWith("[]", StringComparison.Ordinal))),
            new XAttribute("globbing", Word(use.Wildcards)),
            new XAttribute("pipelineInput", Pipeline(use)),
            new XAttribute("position", use.Position?.ToString() ?? "named"),
            new XAttribute("aliases", use.Aliases.Count == 0 ? "none" : string.Join(", ", use.Aliases)),
            new XElement(Text + "name", parameter.Name),
            Description(parameter.Description),
            isSwitch
                ? null
                : new XElement(
                    Command + "parameterValue", new XAttribute("required", "true"), new XAttribute("variableLength", "false"), use.Type),
            new XElement(Dev + "type", new XElement(Text + "name", use.Type), new XElement(Text + "uri")),
            new XElement(Dev + "defaultValue", use.DefaultValue.Length == 0 ? "None" : use.DefaultValue));
    }

    private static string Word(bool value) => value ? "true" : "false";

    private static string Pipeline(ParameterUse use) => (use.PipelineByValue, use.PipelineByPropertyName) switch
    {
        (true, true) => "True (ByPropertyName, ByValue)",
        (true, false) => "True (ByValue)",
        (false, true) => "True (ByPropertyName)",
        _ => "False",
    };

    private static XElement Type(string element, PageType type) => new(
        Command + element,
        new XElement(Dev + "type", new XElement(Text + "name", type.Name), new XElement(Text + "uri")),
        Description(type.Description));

    private static XElement Example(PageExample example) => new(
        Command + "example",
        new XElement(Text + "title", $"----- {example.Title} -----"),
        example.Introduction.Count == 0 ? null : new XElement(Text + "introduction", Paragraphs(example.Introduction)),
        new XElement(Dev + "code", example.Code),
        new XElement(Dev + "remarks", Paragraphs([.. example.Remarks, ""])));

    private static IEnumerable<XElement> Links(CommandPage page)
    {
        IEnumerable<PageLink> online = page.OnlineVersion.Length == 0 ? [] : [new PageLink("Online Version:", page.OnlineVersion)];
        return online.Concat(page.Links).Select(link => new XElement(
            Text + "navigationLink", new XElement(Text + "linkText", link.Text), new XElement(Text + "uri", link.Address)));
    }

    private static XElement Description(IReadOnlyList<string> paragraphs) => new(Text + "description", Paragraphs(paragraphs));

    private static IEnumerable<XElement> Paragraphs(IReadOnlyList<string> paragraphs) =>
        paragraphs.Select(paragraph => new XElement(Text + "para", paragraph));
}
