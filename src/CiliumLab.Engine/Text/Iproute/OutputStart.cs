namespace CiliumLab.Engine.Text;

/// <summary>Decides at the end, or at the first records, whether a text was the output that it should be.</summary>
/// <param name="kind">What should have come.</param>
/// <param name="warn">Is told of lines once it is clear that the text as a whole is the right one.</param>
internal sealed class OutputStart(string kind, Action<TextWarning> warn)
{
    // A text whose beginning holds this much that nobody understands is something else.
    private const int Patience = 20;

    private readonly List<TextWarning> _held = [];
    private bool _understood;

    /// <summary>Something was understood: what was held back is told now.</summary>
    public void Understood()
    {
        if (_understood)
            return;
        _understood = true;
        foreach (var warning in _held)
            warn(warning);
        _held.Clear();
    }

    /// <summary>A line was not understood.</summary>
    /// <exception cref="Model.LabException">There is much of that and nothing else.</exception>
    public void Warn(TextWarning warning)
    {
        if (_understood)
        {
            warn(warning);
            return;
        }

        _held.Add(warning);
        if (_held.Count >= Patience)
            AtEnd();
    }

    /// <summary>The text has ended.</summary>
    /// <exception cref="Model.LabException">Nothing of it was understood.</exception>
    public void AtEnd()
    {
        if (!_understood && _held.Count > 0)
            throw OutputErrors.NotThisOutput(kind, _held[0].Line, _held[0].Text);
    }
}
