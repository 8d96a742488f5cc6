namespace CiliumLab.Help;

/// <summary>The page of one cmdlet, in the terms of the PlatyPS schema 2.0.0.</summary>
public sealed record CommandPage
{
    public required string Name { get; init; }

    /// <summary>What the help browser opens with <c>-Online</c>; empty when there is nothing.</summary>
    public string OnlineVersion { get; init; } = "";

    public required IReadOnlyList<string> Synopsis { get; init; }

    public required IReadOnlyList<PageSyntax> Syntax { get; init; }

    public required IReadOnlyList<string> Description { get; init; }

    public required IReadOnlyList<PageExample> Examples { get; init; }

    public required IReadOnlyList<PageParameter> Parameters { get; init; }

    public required IReadOnlyList<PageType> Inputs { get; init; }

    public required IReadOnlyList<PageType> Outputs { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    public required IReadOnlyList<PageLink> Links { get; init; }
}

/// <summary>How the cmdlet is called with one parameter set; the set's name is empty when there is only one.</summary>
public sealed record PageSyntax(string Set, string Text);

/// <summary>An example: what is typed (and shown), and what is said before and after.</summary>
public sealed record PageExample(string Title, IReadOnlyList<string> Introduction, string Code, IReadOnlyList<string> Remarks);

/// <summary>A type that is taken from, or written to, the pipeline.</summary>
public sealed record PageType(string Name, IReadOnlyList<string> Description);

/// <summary>A link to another topic; the address is empty when the topic is in this help.</summary>
public sealed record PageLink(string Text, string Address);

/// <summary>A parameter, with what differs between parameter sets in <see cref="Uses"/>.</summary>
public sealed record PageParameter(string Name, IReadOnlyList<string> Description, IReadOnlyList<ParameterUse> Uses);
