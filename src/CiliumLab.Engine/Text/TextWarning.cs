namespace CiliumLab.Engine.Text;

/// <summary>A line of a tool's output that a parser could not understand; it is reported, never dropped in silence.</summary>
/// <param name="Line">The line's number, from 1; 0 for a remark about the whole output.</param>
/// <param name="Text">The line itself.</param>
/// <param name="Reason">What was expected instead.</param>
public sealed record TextWarning(int Line, string Text, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => Line == 0 ? Reason + "." : $"Line {Line}: {Reason}: '{(Text.Length > 160 ? Text[..160] + "..." : Text)}'";
}
