namespace CiliumLab.Model;

/// <summary>A table of a rule set with everything that its text holds, in the text's order.</summary>
public sealed record IptablesTable
{
    /// <summary>The table's name; null when the text does not tell.</summary>
    public string? Table { get; init; }

    /// <summary>Whether it is listed as by <c>iptables -S</c>: without a table line before and <c>COMMIT</c> behind it.</summary>
    public bool Listed { get; init; }

    /// <summary>Whether <c>COMMIT</c> ends it; a text that was cut off lacks it.</summary>
    public bool Committed { get; init; } = true;

    /// <summary>The comment lines before the table.</summary>
    public IReadOnlyList<string> Heading { get; init; } = [];

    /// <summary>Chains, rules and remarks.</summary>
    public IReadOnlyList<IptablesLine> Lines { get; init; } = [];

    /// <summary>The comment line that says when the table was completed, and others that belong to it.</summary>
    public IReadOnlyList<string> Ending { get; init; } = [];

    /// <summary>The chains.</summary>
    public IEnumerable<IptablesChain> Chains => Lines.OfType<IptablesChain>();

    /// <summary>The rules of all chains.</summary>
    public IEnumerable<IptablesRule> Rules => Lines.OfType<IptablesRule>();

    /// <summary>Writes the table as iptables-restore reads it.</summary>
    public void WriteTo(TextWriter writer)
    {
        foreach (var line in Heading)
            WriteLine(writer, line);
        if (!Listed)
            WriteLine(writer, "*" + Table);
        foreach (var line in Lines)
            WriteLine(writer, line.Text);
        if (!Listed && Committed)
            WriteLine(writer, "COMMIT");
        foreach (var line in Ending)
            WriteLine(writer, line);
    }

    // A rule set goes to Linux, wherever it is written.
    private static void WriteLine(TextWriter writer, string line)
    {
        writer.Write(line);
        writer.Write('\n');
    }
}
