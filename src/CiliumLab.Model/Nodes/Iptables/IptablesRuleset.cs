namespace CiliumLab.Model;

/// <summary>All that iptables-save or <c>iptables -S</c> printed. <see cref="Text"/> is the identical text; take lines out of it and
/// the rest is what <c>iptables-restore -c</c> reads.</summary>
public sealed record IptablesRuleset
{
    /// <summary>The node that it is on; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>iptables or ip6tables.</summary>
    public IptablesFamily Family { get; init; }

    /// <summary>The tables in the text's order.</summary>
    public IReadOnlyList<IptablesTable> Tables { get; init; } = [];

    /// <summary>Lines behind the last table.</summary>
    public IReadOnlyList<string> Ending { get; init; } = [];

    /// <summary>The whole text, every line ended with a line feed.</summary>
    public string Text
    {
        get
        {
            using var writer = new StringWriter();
            WriteTo(writer);
            return writer.ToString();
        }
    }

    /// <summary>Writes the whole text.</summary>
    public void WriteTo(TextWriter writer)
    {
        foreach (var table in Tables)
            table.WriteTo(writer);
        foreach (var line in Ending)
        {
            writer.Write(line);
            writer.Write('\n');
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Family} {string.Join(' ', Tables.Select(table => table.Table))}";
}
